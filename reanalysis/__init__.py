"""An interactive reanalysis of SBRT after incomplete TACE.

A chapter imports everything from here; ``__init__.pyi`` lists what there is and in which room it
stands. A name is loaded when it is first used, so that importing the package takes no time.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
