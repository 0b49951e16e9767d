"""Margin: what a portfolio requires, by which rule, in whole minor units."""
