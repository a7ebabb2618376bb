"""Numba kernels over plain NumPy arrays; they know nothing of Arrow, settings or files.

A public function checks and allocates; the function of the same name with a leading underscore is
compiled, assumes good arguments and fills the arrays it was given. Kernels release the GIL and are
never `parallel=True`: parallelism has one owner, the runner.
"""
