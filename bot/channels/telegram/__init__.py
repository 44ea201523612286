"""All that is known of Telegram. python-telegram-bot makes the calls; the rest is our own."""
