"""What the venue tells the public: books and trades as streams."""
