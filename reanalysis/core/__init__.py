"""What every room stands on: errors, data dictionary, formats, dose, disclosure as arithmetic."""
