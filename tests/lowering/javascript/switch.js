let x;
switch (command) {
  case "go":
  case "run":
    x = 1;
    break;
  case "fall":
    x = 2;
  default:
    x = 3;
    function late() {}
}
