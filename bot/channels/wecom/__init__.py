"""WeCom (企业微信) as a channel: a self-built app, talking to the members of one corporation in encrypted callbacks."""
