"""Reading workbooks: `reader` asks, `child` reads in a limited process, `package` looks before anything is parsed.

Nothing is imported here, so that the child process starts in a few hundredths of a second.
"""
