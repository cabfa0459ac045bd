"""llama.cpp's low-level interface: a model, a context of many sequences, samplers, and the thread that decodes."""
