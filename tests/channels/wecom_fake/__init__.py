"""The fake WeCom, proven: whoever trusts a test that runs on it trusts these first."""
