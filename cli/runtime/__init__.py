"""What runs behind the commands: services and their life, the data directory, logs, where commands read."""
