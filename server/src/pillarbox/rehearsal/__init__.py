"""What the sandbox is told to play: outcomes and delays by rule, and how it tells of them."""
