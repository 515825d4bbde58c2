# The book in JupyterLab: for a machine with a container engine, for a devcontainer, and for
# JupyterHub, which starts jupyterhub-singleuser in it. See book/programme.md.
ARG IMAGE=python:3.13-slim-trixie
FROM ${IMAGE}

# Jupyter's own images have these, and JupyterHub mounts a user's files at this home.
ARG NB_USER=jovyan
ARG NB_UID=1000
RUN useradd --create-home --shell /bin/bash --uid "${NB_UID}" "${NB_USER}"

# Before the book, so that a change of text installs nothing.
COPY docker/requirements.txt /tmp/requirements.txt
RUN python -m pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt

COPY --chown=${NB_UID}:${NB_UID} . /opt/book
WORKDIR /opt/book
RUN python -m pip install --no-cache-dir --no-deps --editable . \
    && chown "${NB_UID}:${NB_UID}" /opt/book

USER ${NB_USER}
ENV JUPYTER_CONFIG_PATH=/opt/book/reanalysis/site/jupyter
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "notebooks"]
