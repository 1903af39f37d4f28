"""Sending over HTTP: what arrives is put into Kafka, and answered with what the stream makes of it.

An answer is computed after Kafka has acknowledged, from what lies there: the same bytes, under the same key,
judged by the stream's own code at the moment of appending. So the stream comes to the same, whenever it reads
them; what it refuses it keeps, and nothing is kept twice.
"""
