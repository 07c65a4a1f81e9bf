"""What one factor, or fine-tuning on a few frames, repairs."""
