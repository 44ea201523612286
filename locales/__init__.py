"""What the product says, in zh_CN and en. Beside the staircase: everyone may use it, it knows nobody."""
