"""Upload and diagnose: requests, the queue, workers, reports."""
