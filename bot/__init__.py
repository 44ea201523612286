"""What people meet: channels, dialogs, commands, the app that wires everything."""
