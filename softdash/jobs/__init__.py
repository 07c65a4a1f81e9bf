"""What a server keeps and computes for its visitors: uploads, diagnoses, samplings, their queue and workers."""
