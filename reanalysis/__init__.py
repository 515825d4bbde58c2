"""An interactive reanalysis of SBRT after incomplete TACE."""
