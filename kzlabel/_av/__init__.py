"""The border to PyAV (FFmpeg's libraries): the only package that imports `av`.

Its users import it inside functions: loading FFmpeg takes a tenth of a second. Samples leave it as
numpy arrays of float32, pictures as Pillow images, errors as ours. Nothing here knows the law.
"""
