"""Model workers: principals that answer chat completions, on llama.cpp, on a remote server, or from a script."""
