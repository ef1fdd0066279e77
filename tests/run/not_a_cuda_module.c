/* A shared object that is not the CUDA module. */
int not_a_cuda_module(void);

int not_a_cuda_module(void)
{
    return 0;
}
