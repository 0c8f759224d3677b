def remember(state):
    with open("/tmp/agent-state.json", "w") as file:
        file.write(state)
