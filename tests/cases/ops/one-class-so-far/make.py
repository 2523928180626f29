import random

random.seed(3)
print("id,outcome,x")
for i in range(200):
    print(f"k{i},no,{random.random():.4f}")
