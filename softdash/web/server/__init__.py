"""What the server does beside the pages: bundles, compression, cache, previews of links."""
