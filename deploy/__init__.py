"""What runs the real components: the embedded broker, its jars, the topics, the deployment files."""
