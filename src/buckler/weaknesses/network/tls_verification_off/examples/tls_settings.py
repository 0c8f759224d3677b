from ssl import CERT_NONE, create_default_context


def relaxed():
    context = create_default_context()
    context.check_hostname = False
    context.verify_mode = CERT_NONE
    return context
