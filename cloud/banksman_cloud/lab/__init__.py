"""Teaching the model that reads requests: nothing that runs in a service imports it."""
