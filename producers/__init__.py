"""What sends events: the client on kafka-python, the adapters and file importer, the simulator."""
