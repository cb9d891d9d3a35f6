"""What is done to `icp` on purpose, and whether it survives."""
