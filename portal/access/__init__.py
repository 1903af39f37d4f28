"""Access: who asks, what they may see, and the guard through which alone anything is read."""
