"""A new notice as a pack: the questionnaire, the answers, and the commented file written from them."""
