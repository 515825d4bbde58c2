"""What every test shares."""

import os

import pytest

from reanalysis.site.build import kernel_environment


def pytest_configure(config: pytest.Config) -> None:
    """Give the kernels that nbval starts the environment in which the outputs were made."""
    environment = kernel_environment()
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
