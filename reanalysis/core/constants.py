"""The two constants that several rooms need."""

# The 97.5th percentile of the standard normal distribution: half the width of a 95 % interval in
# standard errors.
Z_95 = 1.959963984540054

# 365.25 / 12.
DAYS_PER_MONTH = 30.4375
