"""The browser chat, in a browser."""
