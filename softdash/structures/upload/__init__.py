"""From the bytes of an upload to labelled frames: archives, which file is what, the sandbox that reads them."""
