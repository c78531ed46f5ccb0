"""Teaching the stop spotter: words to speech, speech to windows of sound, windows to a head for Whisper's encoder."""
