"""How long events are kept, what holds them longer, and how they go."""
