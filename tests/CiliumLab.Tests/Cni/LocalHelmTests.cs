using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cni;

/// <summary>A program in Helm's place that writes down how it was called.</summary>
public sealed class LocalHelmTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Gets_the_labs_kubeconfig_its_words_as_they_are_and_values_on_its_input()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the program in Helm's place is a shell script");
        var helm = new LocalHelm(Program("printf '%s\\n' \"$@\" > \"$0.words\"; cat > \"$0.input\"; echo '{}'"), "/lab/kube config");

        var result = await helm.RunAsync(["upgrade", "it's", "--values", "-"], """{"ipam":{"mode":"x"}}""", TestContext.Current.CancellationToken);

        Assert.Equal((0, "{}\n"), (result.ExitCode, result.Output));
        Assert.Equal("upgrade\nit's\n--values\n-\n--kubeconfig\n/lab/kube config\n", File.ReadAllText(Path.Combine(_folder.Path, "helm.words")));
        Assert.Equal("""{"ipam":{"mode":"x"}}""", File.ReadAllText(Path.Combine(_folder.Path, "helm.input")));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_an_error_about_it()
    {
        var helm = new LocalHelm(Path.Combine(_folder.Path, "nohelm"), "config");

        var error = await Assert.ThrowsAsync<LabException>(() => helm.RunAsync(["list"], "", TestContext.Current.CancellationToken));

        Assert.Equal(("ProgramNotStarted", LabErrorKind.NotInstalled), (error.ErrorId, error.Kind));
    }

    private string Program(string script)
    {
        var path = Path.Combine(_folder.Path, "helm");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
