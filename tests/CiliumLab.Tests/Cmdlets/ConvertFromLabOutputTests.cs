namespace CiliumLab.Tests.Cmdlets;

public sealed class ConvertFromLabOutputTests
{
    [Fact]
    public void A_folder_is_an_error_that_says_what_to_give()
    {
        using var prompt = new Prompt();
        using var folder = new TemporaryFolder();

        var error = Assert.Single(prompt.Run("ConvertFrom-LabOutput HostsFile $args[0]", folder.Path).Errors);

        Assert.StartsWith("OutputFileIsFolder,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal($"Name its files: {Path.Combine(folder.Path, "*")}", error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_and_the_others_are_read()
    {
        using var prompt = new Prompt();

        var outcome = prompt.Run("ConvertFrom-LabOutput HostsFile /no-such-file, $args[0]", Path.Combine(Fixture.Folder, "transcript", "010-cat-etc-hosts.txt"));

        Assert.StartsWith("OutputFileNotFound,", Assert.Single(outcome.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(11, outcome.Output.Count);
    }
}
