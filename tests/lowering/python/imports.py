import os.path
import numpy as np
from . import sibling
from ..package import name as alias
from lib import *
