"""Kinds of panels in few words, each with the settings that all of its kind share. No query, no text."""
