"""The paper: the study, the register of published numbers, and what the printed numbers imply."""
