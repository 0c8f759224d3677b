try:
    risky()
except ValueError as error:
    log(error)
except OSError:
    raise
else:
    fine()
finally:
    close()
