"""The Faust stream: from Kafka slices through fold, cells and rates into ClickHouse, then acknowledged."""
