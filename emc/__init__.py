"""The domain of the monitor, without input or output: contract, registers, cells, definitions, rates."""
