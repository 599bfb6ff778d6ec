"""What the words of each rights vocabulary mean, whichever carrier brings them."""
