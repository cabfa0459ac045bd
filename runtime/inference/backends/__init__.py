"""What really answers: llama.cpp in this process, any OpenAI-compatible server, or a script for tests."""
