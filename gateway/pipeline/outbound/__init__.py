"""What our systems hand over: for whom it is, whether it agrees with its order, and what it goes out as."""
